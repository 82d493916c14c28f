/// What the machine gives the software in a partition: a processor's accesses and interrupts. All
/// else, such as which devices there are and how they are driven, the software finds out by these.
package dev.portcullis.guest.port;
