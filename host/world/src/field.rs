//! Names of fields as queries write them: core fields by one word, others as `facet.field`; a point's halves as
//! `facet.field.lon` and `.lat`.

use crate::column::Data;
use crate::error::QueryError;
use crate::world::{Core, World};
use changzhi_model::{EntityId, Value};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CoreField {
    Id,
    Kind,
    Category,
    State,
    At,
    Within,
    Lon,
    Lat,
    Changed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FieldRef {
    Core(CoreField),
    /// `part`: which half of a point.
    Facet {
        facet: usize,
        field: usize,
        part: Option<CoreField>,
    },
}

impl CoreField {
    fn parse(name: &str) -> Option<CoreField> {
        Some(match name {
            "id" => CoreField::Id,
            "kind" => CoreField::Kind,
            "category" => CoreField::Category,
            "state" => CoreField::State,
            "at" => CoreField::At,
            "within" => CoreField::Within,
            "lon" => CoreField::Lon,
            "lat" => CoreField::Lat,
            "changed" => CoreField::Changed,
            _ => return None,
        })
    }

    pub fn value(self, id: EntityId, core: &Core) -> Value {
        match self {
            CoreField::Id => Value::Entity(id),
            CoreField::Kind => Value::Text(core.kind.to_string()),
            CoreField::Category => Value::Text(core.category.to_string()),
            CoreField::State => Value::Text(core.state.to_string()),
            CoreField::At => Value::Time(core.at),
            CoreField::Within => core.within.map_or(Value::None, Value::Entity),
            CoreField::Lon => core.position.map_or(Value::None, |p| Value::Num(p.lon)),
            CoreField::Lat => core.position.map_or(Value::None, |p| Value::Num(p.lat)),
            CoreField::Changed => Value::Int(core.changed.0 as i64),
        }
    }
}

impl FieldRef {
    /// Any field, sealed ones and long texts too.
    pub fn parse(world: &World, name: &str) -> Result<FieldRef, QueryError> {
        if let Some(core) = CoreField::parse(name) {
            return Ok(FieldRef::Core(core));
        }
        if let Some((facet, field)) = split(world, name) {
            return Ok(FieldRef::Facet { facet, field, part: None });
        }
        if let Some((whole, half)) = name.rsplit_once('.') {
            let part = CoreField::parse(half).filter(|p| matches!(p, CoreField::Lon | CoreField::Lat));
            if let (Some(part), Some((facet, field))) = (part, split(world, whole)) {
                return Ok(FieldRef::Facet { facet, field, part: Some(part) });
            }
        }
        Err(QueryError::Unknown(format!("field {name:?}")))
    }

    /// A field that lives in a column.
    pub fn queryable(world: &World, name: &str) -> Result<FieldRef, QueryError> {
        let found = FieldRef::parse(world, name)?;
        let FieldRef::Facet { facet, field, part } = found else { return Ok(found) };
        let column = world.facets.get(facet).and_then(|f| f.columns.get(field));
        match (column.map(|c| &c.data), part) {
            (Some(Data::Locator(_, _, true)), _) => Err(QueryError::Personal(name.into())),
            (Some(Data::Locator(..)), _) => Err(QueryError::LongText(name.into())),
            (Some(Data::Point(..)), None) => {
                Err(QueryError::Invalid(format!("{name} is a point: ask {name}.lon and {name}.lat")))
            }
            (Some(Data::Point(..)), Some(_)) | (Some(_), None) => Ok(found),
            _ => Err(QueryError::Unknown(format!("field {name:?}"))),
        }
    }

    /// The facet's number, for fields of facets.
    pub fn facet(self) -> Option<usize> {
        match self {
            FieldRef::Facet { facet, .. } => Some(facet),
            FieldRef::Core(_) => None,
        }
    }
}

fn split(world: &World, name: &str) -> Option<(usize, usize)> {
    let (facet, field) = name.rsplit_once('.')?;
    let number = *world.facet_numbers.get(facet)?;
    Some((number, world.facets.get(number)?.field(field)?))
}
