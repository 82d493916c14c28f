#!/bin/busybox sh
# The first process of a guest: prepares the system, then serves a session or the console.

/bin/busybox mkdir -p /usr/bin /usr/sbin
/bin/busybox --install -s /bin
. /etc/profile

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t debugfs debugfs /sys/kernel/debug
hostname portcullis
ip link set lo up

while read -r module; do
  [ -z "$module" ] || modprobe "$module"
done < /etc/modules

# Tells of the power button, if its driver was loaded.
[ ! -e /dev/input/event0 ] || acpid -l /dev/null

cd /root
if grep -qw portcullis.guest=session /proc/cmdline; then
  exec sh /etc/session
fi

# The signals that busybox's poweroff, halt and reboot send to the first process.
trap 'sync; poweroff -f' USR1 USR2
trap 'sync; reboot -f' TERM

# login, for it lets Ctrl-C through, which a shell has its background commands ignore.
setsid cttyhack login -f root </dev/console >/dev/console 2>&1 &
wait $!
sync
poweroff -f
