/// Which frames may pass: chains of rules, in nftables' words. Start with [Inspector].
package dev.portcullis.vmm.filter;
