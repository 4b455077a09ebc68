//! Values as JSON.

use serde_json::{Map, Number, Value as Json, json};

use super::Value;

impl Value<'_> {
    /// Numbers are numbers, where JSON readers keep them: integers beyond 64 bits, infinities and what is no number are
    /// texts. Enums are the names of their constants, `char[]` is text, pointers and bytes are hexadecimal texts, NULL is
    /// `null`.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Int(value) => integer(*value),
            Self::Wide(value) => Json::String(value.to_string()),
            Self::Bool(value) => Json::Bool(*value),
            Self::Float(value) => match Number::from_f64(*value) {
                Some(number) => Json::Number(number),
                None => Json::String(value.to_string()),
            },
            Self::Enum(Some(name), _) => Json::String((*name).to_owned()),
            Self::Enum(None, value) => integer(*value),
            Self::Text(text) => Json::String(String::from_utf8_lossy(text).into_owned()),
            Self::Array(values) => values.iter().map(Self::to_json).collect(),
            Self::Members(members) => {
                let members = members.iter();
                let members = members.map(|(name, value)| ((*name).to_owned(), value.to_json()));
                Json::Object(members.collect::<Map<_, _>>())
            }
            Self::Pointer(0, _) | Self::Omitted => Json::Null,
            Self::Pointer(..) | Self::Bytes(_) => json!(self.to_string()),
        }
    }
}

fn integer(value: i128) -> Json {
    match Number::from_i128(value) {
        Some(number) => Json::Number(number),
        None => Json::String(value.to_string()),
    }
}
