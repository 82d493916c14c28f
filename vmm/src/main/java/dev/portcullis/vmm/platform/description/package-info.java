/// Platform files: what a platform consists of, and what is expected of it.
package dev.portcullis.vmm.platform.description;
