/// Where the messages of a unit, and the interrupts it lets pass, go.
package dev.portcullis.unit.event;
