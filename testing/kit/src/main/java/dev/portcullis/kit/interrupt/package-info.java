/// Interrupts by the bit: requests, tables and posted-interrupt descriptors.
package dev.portcullis.kit.interrupt;
