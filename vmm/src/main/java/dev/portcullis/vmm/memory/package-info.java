/// Physical memory, and whose each page is.
package dev.portcullis.vmm.memory;
