/// Partitions' consoles for people: many watch, one writes, and whoever comes back has missed
/// nothing that is still kept.
package dev.portcullis.vmm.console;
