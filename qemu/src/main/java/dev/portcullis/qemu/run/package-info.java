/// One QEMU process: its command line, its accelerator, its monitor, its console, its end.
package dev.portcullis.qemu.run;
