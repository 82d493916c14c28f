/// Wires of network cards that lead to this host's kernel.
package dev.portcullis.machine.wire;
