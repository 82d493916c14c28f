#!/bin/busybox sh
# The power button was pressed.

/bin/busybox sync
/bin/busybox poweroff -f
