/// The driver's end of a connection: memory, registers, ports, interrupts and clock of a machine
/// that speaks qtest. Start with [QtestClient].
package dev.portcullis.qtest.client;
