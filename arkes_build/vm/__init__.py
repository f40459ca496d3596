"""A virtual machine: QEMU, its guest and its snapshots."""
