/// What a machine consists of, as a person writes it down: units, devices, memory. Reads and checks
/// the YAML file. Start with [MachineDescription].
package dev.portcullis.machine.description;
