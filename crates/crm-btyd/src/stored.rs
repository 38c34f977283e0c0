//! Stored models: `{"model":"MBG/NBD","r":0.525,...}`, the name of the model and its parameters.

/// Stores a model under its name, and reads it through its constructor.
macro_rules! stored_model {
    ($name:ident $(<$(const $parameter:ident: $kind:ty),+>)?) => {
        #[cfg(feature = "serde")]
        impl $(<$(const $parameter: $kind),+>)? serde::Serialize for $name $(<$($parameter),+>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::stored::write(self, serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de $($(, const $parameter: $kind)+)?> serde::Deserialize<'de>
            for $name $(<$($parameter),+>)?
        {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::stored::NamedParameters::deserialize(deserializer)?
                    .model()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use stored_model;

#[cfg(feature = "serde")]
pub(crate) use form::{NamedParameters, write};

#[cfg(feature = "serde")]
mod form {
    use std::fmt;

    use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
    use serde::ser::{SerializeMap, Serializer};

    use crate::{Error, PurchaseModel};

    pub(crate) fn write<M: PurchaseModel, S: Serializer>(
        model: &M,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let theta = model.theta();
        let mut map = serializer.serialize_map(Some(1 + M::PARAMETERS.len()))?;
        map.serialize_entry("model", model.name())?;
        for (name, value) in M::PARAMETERS.iter().zip(theta.as_ref()) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }

    /// The name of a model, and its parameters by their names.
    #[derive(Debug)]
    pub(crate) struct NamedParameters {
        pub(crate) model: String,
        values: Vec<(String, f64)>,
    }

    impl NamedParameters {
        /// Builds the model of this name; every parameter of it must be there, and no other.
        pub(crate) fn model<M: PurchaseModel>(&self) -> Result<M, Error> {
            let Some(kind) = M::from_name(&self.model) else {
                return Err(Error::WrongModel { expected: M::NAME, got: self.model.clone() });
            };
            let theta: Vec<f64> = M::PARAMETERS
                .iter()
                .filter_map(|name| Some(self.values.iter().find(|(known, _)| known == name)?.1))
                .collect();
            crm_numbers::check::length("parameters", theta.len(), M::PARAMETERS.len())?;
            crm_numbers::check::length("parameters", self.values.len(), M::PARAMETERS.len())?;
            kind.with_theta(M::Theta::try_from(&theta).map_err(|_| Error::NoStart { model: M::NAME })?)
        }
    }

    impl<'de> Deserialize<'de> for NamedParameters {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Fields;

            impl<'de> Visitor<'de> for Fields {
                type Value = NamedParameters;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("the name of a model and its parameters")
                }

                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NamedParameters, A::Error> {
                    let (mut model, mut values) = (None, Vec::<(String, f64)>::new());
                    while let Some(key) = map.next_key::<String>()? {
                        if key == "model" && model.is_none() {
                            model = Some(map.next_value()?);
                        } else if key != "model" && values.iter().all(|(known, _)| *known != key) {
                            values.push((key, map.next_value()?));
                        } else {
                            return Err(A::Error::custom(format_args!("duplicate field `{key}`")));
                        }
                    }
                    let model = model.ok_or_else(|| A::Error::missing_field("model"))?;
                    Ok(NamedParameters { model, values })
                }
            }

            deserializer.deserialize_map(Fields)
        }
    }
}
