use crate::History;

/// The latest answers by history, in a table where a newcomer drives out whoever sits in its place: customers repeat whose
/// times are whole days.
pub(crate) struct Memory {
    places: Vec<(History, f64)>,
    /// A number of so many bits is shifted down to that of a place.
    shift: u32,
}

impl Memory {
    /// Most places: two megabytes of them.
    const BITS: u32 = 16;

    /// For so many customers.
    pub(crate) fn for_customers(customers: usize) -> Self {
        let bits = customers.max(2).ilog2().min(Self::BITS);
        Memory { places: vec![(History::NEW, f64::NAN); 1 << bits], shift: u64::BITS - bits }
    }

    #[inline]
    pub(crate) fn recall(&mut self, history: &History, compute: impl FnOnce() -> f64) -> f64 {
        let (age, recency) = (history.age().to_bits(), history.recency().to_bits());
        let mixed = (age.rotate_left(32) ^ recency ^ u64::from(history.frequency()) << 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let Some(place) = self.places.get_mut((mixed >> self.shift) as usize) else {
            return compute();
        };
        // Nobody's answer is no number: places that nobody has taken hold one.
        if place.0 != *history || place.1.is_nan() {
            *place = (*history, compute());
        }
        place.1
    }
}
