/// A machine as it leaves the factory: memory, remapping units, and the functions behind them, in
/// their places. Who programs them is another matter: a processor, or a monitor.
package dev.portcullis.machine.chassis;
