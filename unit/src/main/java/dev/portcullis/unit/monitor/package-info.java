/// Performance monitoring: counters that software reads, and what they count. Start with [Monitor].
package dev.portcullis.unit.monitor;
