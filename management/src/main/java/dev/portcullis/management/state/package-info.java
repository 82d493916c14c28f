/// What management knows after a sudden end: of its process, or of the power.
package dev.portcullis.management.state;
