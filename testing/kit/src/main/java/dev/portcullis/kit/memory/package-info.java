/// Physical memory of a test machine.
package dev.portcullis.kit.memory;
