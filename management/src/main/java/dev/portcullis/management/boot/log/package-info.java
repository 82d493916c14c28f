/// The event log of a boot, as the Trusted Computing Group has it: `tpm2_eventlog` reads it.
package dev.portcullis.management.boot.log;
