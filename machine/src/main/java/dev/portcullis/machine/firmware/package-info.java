/// What firmware does for the machine: where it puts the registers of the units, and the ACPI table
/// that tells software so.
package dev.portcullis.machine.firmware;
