/// Rules as values, in nftables' words: start with [Ruleset]. Nothing here judges a frame.
package dev.portcullis.vmm.filter.rule;
