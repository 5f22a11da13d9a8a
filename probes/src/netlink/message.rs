//! Netlink messages as bytes: a head of sixteen bytes, a body, then attributes. Numbers are in the byte order of
//! the host unless a protocol says otherwise.

/// `struct nlmsghdr`: length, kind, flags, sequence, port.
const HEAD_BYTES: usize = 16;
/// `struct nlattr`: length, kind.
const ATTRIBUTE_HEAD_BYTES: usize = 4;
/// The upper bits of the kind of an attribute say how it is laid out.
const KIND_MASK: u16 = 0x3fff;

/// A message to the kernel.
pub struct Request(Vec<u8>);

impl Request {
    /// A message without attributes.
    pub fn new(kind: u16, flags: u16, sequence: u32, body: &[u8]) -> Self {
        let mut bytes = vec![0; 4];
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(body);
        Request(bytes)
    }

    /// Adds an attribute.
    pub fn with(mut self, kind: u16, value: &[u8]) -> Self {
        self.pad();
        self.0.extend(((ATTRIBUTE_HEAD_BYTES + value.len()) as u16).to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(value);
        self
    }

    /// What goes over the socket.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.pad();
        let length = self.0.len() as u32;
        self.0[..4].copy_from_slice(&length.to_ne_bytes());
        self.0
    }

    fn pad(&mut self) {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }
}

/// A message from the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    pub kind: u16,
    pub sequence: u32,
    pub body: &'a [u8],
}

impl<'a> Message<'a> {
    /// The attributes behind the first `fixed` bytes of the body.
    pub fn attributes(&self, fixed: usize) -> Attributes<'a> {
        Attributes(self.body.get(fixed.next_multiple_of(4)..).unwrap_or(&[]))
    }

    /// The first message of a datagram and what is behind it; nothing when the bytes are none.
    pub fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let length = u32_at(bytes, 0)? as usize;
        let body = bytes.get(HEAD_BYTES..length)?;
        let rest = bytes.get(length.next_multiple_of(4)..).unwrap_or(&[]);
        Some((Message { kind: u16_at(bytes, 4)?, sequence: u32_at(bytes, 8)?, body }, rest))
    }
}

/// Attributes one after the other, up to the first that makes no sense.
#[derive(Clone, Copy)]
pub struct Attributes<'a>(pub &'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let length = usize::from(u16_at(self.0, 0)?);
        let kind = u16_at(self.0, 2)? & KIND_MASK;
        let value = self.0.get(ATTRIBUTE_HEAD_BYTES..length)?;
        self.0 = self.0.get(length.next_multiple_of(4)..).unwrap_or(&[]);
        Some((kind, value))
    }
}

/// The value of the first attribute of a kind.
pub fn attribute<'a>(mut attributes: Attributes<'a>, kind: u16) -> Option<&'a [u8]> {
    attributes.find(|(own, _)| *own == kind).map(|(_, value)| value)
}

/// `N` bytes from `at` on.
pub fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Two bytes as a number.
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at(bytes, at).map(u16::from_ne_bytes)
}

/// Four bytes as a number.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes_at(bytes, at).map(u32::from_ne_bytes)
}

/// Eight bytes as a number.
pub fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes_at(bytes, at).map(u64::from_ne_bytes)
}

/// Text that ends with a zero byte or with its attribute.
pub fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn what_is_made_can_be_taken_apart() {
        let bytes = Request::new(20, 0x301, 7, &[1, 2, 3]).with(5, b"eth0\0").with(6, &[9]).into_bytes();
        let twice = [bytes.clone(), bytes].concat();
        let (message, rest) = Message::split(&twice).unwrap();
        assert_eq!((message.kind, message.sequence, message.body[..3].to_vec()), (20, 7, vec![1, 2, 3]));
        let attributes = message.attributes(3);
        assert_eq!(attributes.count(), 2);
        assert_eq!(attribute(attributes, 5).map(text), Some("eth0".to_owned()));
        assert_eq!(attribute(attributes, 6), Some(&[9][..]));
        assert_eq!(attribute(attributes, 7), None);
        assert_eq!(Message::split(rest).unwrap().0, message);
    }

    #[test]
    fn lengths_that_lie_end_it() {
        let mut bytes = Request::new(20, 1, 7, &[]).with(5, &[1, 2, 3, 4]).into_bytes();
        for length in [0u32, 3, 15, 1000, u32::MAX] {
            let mut lying = bytes.clone();
            lying[..4].copy_from_slice(&length.to_ne_bytes());
            assert_eq!(Message::split(&lying), None, "{length}");
        }
        for length in [0u16, 3, 9, u16::MAX] {
            bytes[16..18].copy_from_slice(&length.to_ne_bytes());
            assert_eq!(Message::split(&bytes).unwrap().0.attributes(0).count(), 0, "{length}");
        }
    }

    proptest! {
        /// Any bytes come to an end, and give nothing from outside of them.
        #[test]
        fn hostile_bytes(bytes in vec(any::<u8>(), 0..600), small in any::<bool>(), fixed in 0usize..80) {
            let mut bytes = bytes;
            if small && bytes.len() > 4 {
                let length = (bytes.len() as u32).min(64);
                bytes[..4].copy_from_slice(&length.to_ne_bytes());
            }
            let mut rest = &bytes[..];
            while let Some((message, behind)) = Message::split(rest) {
                prop_assert!(behind.len() < rest.len());
                let size: usize = message.attributes(fixed).map(|(_, value)| value.len() + 4).sum();
                prop_assert!(size <= message.body.len());
                rest = behind;
            }
        }
    }
}
