#!/bin/busybox sh
# Runs commands for the host, as root, one after the other.
#
#   ttyS1  the request's mark, what commands write on standard output, the mark
#   ttyS2  the mark, what they write on standard error, the mark
#   ttyS3  from the host: MARK BASE64-OF-COMMANDS; to the host: "ready", then MARK EXIT-CODE
#
# Commands write into pipes, not terminals, so that they do not think a person is watching.
#
# This is the first process, so it obeys the signals of busybox's poweroff, halt and reboot.

trap 'sync; poweroff -f' USR1 USR2
trap 'sync; reboot -f' TERM

for port in /dev/ttyS1 /dev/ttyS2 /dev/ttyS3; do
  stty -F $port raw -echo 115200
done

# A shell on the console, too, if that is wanted; another one when somebody leaves it.
if grep -qw portcullis.console=shell /proc/cmdline; then
  while :; do
    setsid cttyhack login -f root </dev/console >/dev/console 2>&1
    sleep 1
  done &
fi

exec 5>/dev/ttyS1 6>/dev/ttyS2 7<>/dev/ttyS3

echo ready >&7
while read -r mark commands <&7; do
  echo "$commands" | base64 -d > /run/commands
  printf %s "$mark" >&5
  printf %s "$mark" >&6
  {
    {
      setsid sh /run/commands </dev/null 2>&1 >&4 4>&- 5>&- 6>&- 7>&-
      echo $? > /run/exit-code
    } | cat >&6
  } 4>&1 | cat >&5
  printf %s "$mark" >&5
  printf %s "$mark" >&6
  echo "$mark $(cat /run/exit-code)" >&7
done
sync
poweroff -f
