-- It is called shop_mesh_unknown_project (mesh-unknown-project).
select * from {{ ref('shop_mesh_unknown', 'one') }}
