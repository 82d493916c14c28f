/// Which requests are under way, and how to wait until those of before are not.
package dev.portcullis.unit.drain;
