//! Colors that people with the common kinds of color blindness can tell apart.

/// Number of steps of the sequential ramp.
pub(crate) const LEVELS: usize = 24;

/// Pale yellow over teal to navy: yellow to blue, as cividis, with a luminance that only falls. On
/// a light page a large value is dark; on a dark page the ramp is turned round, so that a large
/// value always stands out from the page.
pub(crate) const RAMP: [u32; LEVELS] = [
    0xfcf5cb, 0xeeedbb, 0xdfe6ad, 0xcfdfa0, 0xbdd894, 0xa8d28f, 0x90cb91, 0x77c495, 0x5ebc99, 0x45b39d,
    0x2fa99e, 0x189f9e, 0x02949c, 0x038999, 0x007f96, 0x007491, 0x00698c, 0x005f87, 0x055481, 0x0b4a79,
    0x0d4170, 0x0e3867, 0x0e2f5e, 0x0e2654,
];

/// Black text is the clearer one on this many levels of the ramp, counted from its pale end; white
/// on the others.
pub(crate) const BLACK_TEXT: usize = 14;

/// Categories, from the palette of Okabe and Ito (2008): those that stand out from the page, light
/// or dark.
pub(crate) const SERIES: usize = 5;
pub(crate) const LIGHT_SERIES: [u32; SERIES] = [0x1b1f24, 0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7];
pub(crate) const DARK_SERIES: [u32; SERIES] = [0xe6e9ed, 0x56b4e9, 0xe69f00, 0x009e73, 0xcc79a7];

/// The two pages and what is written on them.
pub(crate) const LIGHT: Page = Page {
    ground: 0xffffff,
    ink: 0x1b1f24,
    muted: 0x59626d,
    grid: 0xdde1e6,
    axis: 0x6b7480,
    empty: 0xaeb6c0,
};
pub(crate) const DARK: Page = Page {
    ground: 0x15181c,
    ink: 0xe6e9ed,
    muted: 0xa3adb8,
    grid: 0x32383f,
    axis: 0x8a94a0,
    empty: 0x535c66,
};

/// The colors of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) ground: u32,
    pub(crate) ink: u32,
    pub(crate) muted: u32,
    pub(crate) grid: u32,
    pub(crate) axis: u32,
    /// The outline of a cell without a value: there, but no more than that.
    pub(crate) empty: u32,
}

/// The level of a part of the way from the lowest to the highest value.
pub(crate) fn level(part: f64) -> usize {
    // A cast from a float is exact here and saturates, so that no part can leave the ramp.
    ((part * LEVELS as f64) as usize).min(LEVELS - 1)
}

/// The class of text on a level, black or white in both themes as its background needs it.
pub(crate) fn text_class(level: usize) -> &'static str {
    if level < LEVELS - BLACK_TEXT {
        "crm-low"
    } else if level < BLACK_TEXT {
        "crm-mid"
    } else {
        "crm-high"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast that WCAG 2.2 asks of text and of graphical objects (success criteria 1.4.3 and
    /// 1.4.11).
    const TEXT: f64 = 4.5;
    const GRAPHICS: f64 = 3.0;
    const BLACK: u32 = 0x000000;
    const WHITE: u32 = 0xffffff;

    fn channels(color: u32) -> [f64; 3] {
        let [_, red, green, blue] = color.to_be_bytes();
        [red, green, blue].map(|channel| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn luminance(color: u32) -> f64 {
        let [red, green, blue] = channels(color);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(one: u32, other: u32) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn the_ramp_only_darkens() {
        for pair in RAMP.windows(2) {
            assert!(luminance(pair[0]) > luminance(pair[1]), "{pair:06x?}");
        }
    }

    #[test]
    fn text_on_every_level_is_readable_in_both_themes() {
        for level in 0..LEVELS {
            let (light, dark) = match text_class(level) {
                "crm-low" => (BLACK, WHITE),
                "crm-mid" => (BLACK, BLACK),
                _ => (WHITE, BLACK),
            };
            assert!(contrast(RAMP[level], light) >= TEXT, "level {level} on a light page");
            assert!(contrast(RAMP[LEVELS - 1 - level], dark) >= TEXT, "level {level} on a dark page");
        }
    }

    #[test]
    fn lines_and_words_stand_out_from_the_page() {
        for (page, series) in [(LIGHT, LIGHT_SERIES), (DARK, DARK_SERIES)] {
            for color in series {
                assert!(contrast(color, page.ground) >= GRAPHICS, "{color:06x}");
            }
            assert!(contrast(page.axis, page.ground) >= GRAPHICS);
            assert!(contrast(page.ink, page.ground) >= TEXT);
            assert!(contrast(page.muted, page.ground) >= TEXT);
        }
    }

    /// Viénot, Brettel and Mollon (1999): what a deuteranope sees, in linear light.
    fn as_seen_by_a_deuteranope(color: u32) -> [f64; 3] {
        let [red, green, blue] = channels(color);
        let mixed = 0.29275 * red + 0.70725 * green;
        [mixed, mixed, -0.02234 * red + 0.02234 * green + blue]
    }

    #[test]
    fn series_stay_apart_without_red_and_green() {
        for series in [LIGHT_SERIES, DARK_SERIES] {
            for (index, &one) in series.iter().enumerate() {
                for &other in &series[index + 1..] {
                    let (one, other) = (as_seen_by_a_deuteranope(one), as_seen_by_a_deuteranope(other));
                    let distance: f64 =
                        one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                    assert!(distance > 0.08, "{one:?} and {other:?}");
                }
            }
        }
    }

    #[test]
    fn levels_cover_the_whole_way() {
        assert_eq!(level(0.0), 0);
        assert_eq!(level(0.5), LEVELS / 2);
        assert_eq!(level(1.0), LEVELS - 1);
        assert_eq!(level(f64::NAN), 0);
    }
}
