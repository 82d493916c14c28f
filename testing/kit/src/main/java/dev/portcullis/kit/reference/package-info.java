/// A slow, plain second reading of how requests are translated.
package dev.portcullis.kit.reference;
