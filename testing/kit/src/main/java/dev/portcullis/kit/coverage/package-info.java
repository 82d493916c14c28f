/// Which test proves which item of the architecture, as a document.
package dev.portcullis.kit.coverage;
