//! The test pattern: a short clip that repeats. `assets/make-test-pattern.py` draws and encodes it.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

/// The time of one picture: both clips have 20 pictures a second.
pub(crate) const FRAME_TIME: Duration = Duration::from_millis(50);
/// The time of one picture on the 90 kHz clock of video.
pub(crate) const FRAME_TICKS: u64 = 4500;

/// The pictures of a clip in display order. The first is a key frame.
pub(crate) struct Clip(Vec<Frame>);

/// One encoded picture.
pub(crate) struct Frame {
    pub(crate) data: Arc<[u8]>,
    /// Whether it can be decoded without the pictures before it.
    is_key: bool,
}

/// The clip in H264, constrained baseline, as GameLift Streams has it.
pub(crate) static H264: LazyLock<Clip> =
    LazyLock::new(|| Clip::from_annex_b(include_bytes!("../../../assets/test-pattern.h264")));

/// The clip in VP8, for browsers without H264.
pub(crate) static VP8: LazyLock<Clip> =
    LazyLock::new(|| Clip::from_ivf(include_bytes!("../../../assets/test-pattern.ivf")));

impl Clip {
    /// Returns the picture with this number; the count continues past the clip's end.
    pub(crate) fn frame(&self, number: usize) -> &Frame {
        &self.0[number % self.0.len()]
    }

    /// Returns the number of the last key frame up to `number`.
    pub(crate) fn key_frame_before(&self, number: usize) -> usize {
        (0..=number).rev().find(|&number| self.frame(number).is_key).unwrap_or_default()
    }

    /// Parses H264 as a byte stream. Each picture starts with an access unit delimiter.
    fn from_annex_b(bytes: &[u8]) -> Self {
        const DELIMITER: [u8; 5] = [0, 0, 0, 1, 9];
        /// The type of a NAL unit that is part of a key frame.
        const IDR: u8 = 5;
        let starts = bytes.windows(DELIMITER.len()).enumerate().filter(|(_, window)| *window == DELIMITER);
        let mut starts: Vec<_> = starts.map(|(at, _)| at).collect();
        starts.push(bytes.len());
        let frames = starts.windows(2).map(|ends| {
            let data = &bytes[ends[0]..ends[1]];
            let is_key = data.windows(4).any(|window| window[..3] == [0, 0, 1] && window[3] & 0x1f == IDR);
            Frame { data: data.into(), is_key }
        });
        Self(frames.collect())
    }

    /// Parses VP8 in an IVF file: a header of 32 bytes, then each picture after its length and time.
    fn from_ivf(bytes: &[u8]) -> Self {
        const FRAME_HEADER: usize = 12;
        let mut frames = Vec::new();
        let mut rest = bytes.get(32..).unwrap_or_default();
        while let Some((length, _)) = rest.split_first_chunk() {
            let end = FRAME_HEADER + u32::from_le_bytes(*length) as usize;
            let Some(data) = rest.get(FRAME_HEADER..end) else { break };
            // A picture's first bit is 1 unless it is a key frame.
            frames.push(Frame { data: data.into(), is_key: data.first().is_some_and(|first| first & 1 == 0) });
            rest = &rest[end..];
        }
        Self(frames)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::h264(&H264)]
    #[case::vp8(&VP8)]
    fn a_clip_has_five_seconds_with_a_key_frame_each(#[case] clip: &Clip) {
        assert_eq!(clip.0.len(), 100);
        assert!(clip.0.iter().all(|frame| !frame.data.is_empty()));
        let keys: Vec<_> = (0..100).filter(|&number| clip.0[number].is_key).collect();
        assert_eq!(keys, [0, 20, 40, 60, 80]);
        assert_eq!((clip.key_frame_before(39), clip.key_frame_before(100), clip.key_frame_before(125)), (20, 100, 120));
    }
}
