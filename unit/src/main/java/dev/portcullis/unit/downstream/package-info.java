/// The way down: what a unit says to the functions behind it.
package dev.portcullis.unit.downstream;
