/// Platform files of a machine that one operating system has for itself.
package dev.portcullis.vmm.nativeos.description;
