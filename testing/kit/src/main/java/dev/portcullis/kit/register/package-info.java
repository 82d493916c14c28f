/// The register window as software uses it.
package dev.portcullis.kit.register;
