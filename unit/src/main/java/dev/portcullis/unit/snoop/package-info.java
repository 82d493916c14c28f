/// Which tables the unit snoops, and what it sees of the others.
package dev.portcullis.unit.snoop;
