/// Random input that can be had again from its seed.
package dev.portcullis.kit.random;
