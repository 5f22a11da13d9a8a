//! Reading what lies behind the pointers of a plugin. Wrong pointers cannot be told from right ones; those that are NULL or not
//! aligned, sizes that cannot be and texts without an end can.

use std::ffi::{CStr, c_char};

/// A size above this is not one.
const STRUCT_BYTES_MAX: u32 = 4096;

/// A copy of a struct that begins with its size. Version 1.0 is the first, so nobody's is smaller.
///
/// # Safety
/// If the pointer is neither NULL nor misaligned, it points to a struct that begins with its size, of which so much is there.
pub unsafe fn sized<T: Copy>(what: &str, from: *const T) -> Result<T, String> {
    if from.is_null() {
        return Err(format!("{what} is NULL"));
    }
    if !from.is_aligned() {
        return Err(format!("{what} is not where a struct can be"));
    }
    // SAFETY: promised by the caller; the size is 32 bits at its beginning.
    let size = unsafe { from.cast::<u32>().read() };
    let wanted = size_of::<T>() as u32;
    if !(wanted..=STRUCT_BYTES_MAX).contains(&size) {
        return Err(format!(
            "{what}: struct_size is {size}; in version 1.0 it is {wanted}, set it to sizeof({what})"
        ));
    }
    // SAFETY: promised by the caller, for as much as the size says.
    Ok(unsafe { from.read() })
}

/// A copy of a text that ends with NUL, of at most so many bytes; none for NULL.
///
/// # Safety
/// If the pointer is not NULL, it points to a text that ends with NUL or has at least so many bytes.
pub unsafe fn optional(what: &str, from: *const c_char, bytes_max: usize) -> Result<Option<String>, String> {
    if from.is_null() {
        return Ok(None);
    }
    // SAFETY: promised by the caller.
    if unsafe { libc::strnlen(from, bytes_max + 1) } > bytes_max {
        return Err(format!("{what} is longer than {bytes_max} bytes"));
    }
    // SAFETY: its end was just found.
    let text = unsafe { CStr::from_ptr(from) };
    text.to_str().map(|text| Some(text.to_owned())).map_err(|_| format!("{what} is not UTF-8"))
}

/// As [`optional`], for what has to be there.
///
/// # Safety
/// As for [`optional`].
pub unsafe fn text(what: &str, from: *const c_char, bytes_max: usize) -> Result<String, String> {
    // SAFETY: promised by the caller.
    let text = unsafe { optional(what, from, bytes_max) }?;
    text.filter(|text| !text.is_empty()).ok_or_else(|| format!("{what} is NULL or empty"))
}

/// The elements of an array.
///
/// # Safety
/// If the pointer is neither NULL nor misaligned, so many elements are there.
pub unsafe fn array<'a, T>(
    what: &str,
    from: *const T,
    count: u32,
    count_max: u32,
) -> Result<&'a [T], String> {
    match count {
        0 => Ok(&[]),
        count if count > count_max => Err(format!("{what}: {count} are more than {count_max}")),
        _ if from.is_null() || !from.is_aligned() => {
            Err(format!("{what} is NULL or not where an array can be"))
        }
        // SAFETY: promised by the caller.
        count => Ok(unsafe { std::slice::from_raw_parts(from, count as usize) }),
    }
}
