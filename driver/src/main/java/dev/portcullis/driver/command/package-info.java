/// The unit's switches: the global command register, protected memory, event interrupts.
package dev.portcullis.driver.command;
