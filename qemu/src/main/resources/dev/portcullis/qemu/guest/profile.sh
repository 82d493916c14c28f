export PATH=/sbin:/usr/sbin:/usr/bin:/bin
export HOME=/root
export PS1='\u@\h:\w\$ '
