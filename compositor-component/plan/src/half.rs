//! Half-precision floats, which the shortest form of a float may be.

/// IEEE 754 binary16 to binary32.
pub fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let mantissa = f32::from(bits & 0x3ff);
    sign * match exponent {
        0 => mantissa * 2f32.powi(-24),
        31 if mantissa == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + mantissa / 1024.0) * 2f32.powi(exponent - 15),
    }
}

/// The binary16 that is exactly this value, if there is one.
pub fn half_bits(value: f32) -> Option<u16> {
    // Halves are few: the exponent and the top mantissa bits name the only
    // candidate; converting it back says whether it is the value.
    let bits = value.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let exponent = (bits >> 23 & 0xff) as i32 - 127;
    let candidate = match exponent {
        128 => sign | 0x7c00,
        -14..16 => sign | ((exponent + 15) as u16) << 10 | (bits >> 13 & 0x3ff) as u16,
        -24..-14 => sign | ((bits & 0x7f_ffff | 0x80_0000) >> (-1 - exponent)) as u16,
        _ => sign,
    };
    (half(candidate).to_bits() == bits).then_some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_is_its_own_shortest_form() {
        for bits in 0..=u16::MAX {
            let value = half(bits);
            if !value.is_nan() {
                assert_eq!(half_bits(value), Some(bits));
            }
        }
    }
}
