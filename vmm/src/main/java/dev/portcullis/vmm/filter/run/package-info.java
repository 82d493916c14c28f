/// Rules in force: start with [Firewall].
package dev.portcullis.vmm.filter.run;
