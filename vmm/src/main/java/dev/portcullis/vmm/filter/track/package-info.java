/// Which connections there are: start with [Connections].
package dev.portcullis.vmm.filter.track;
