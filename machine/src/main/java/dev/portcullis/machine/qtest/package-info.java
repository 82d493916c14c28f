/// A machine without a processor, to be driven over qtest. Start with [BareMachine].
package dev.portcullis.machine.qtest;
