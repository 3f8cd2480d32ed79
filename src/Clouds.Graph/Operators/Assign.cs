using Clouds.Graph.Building;

namespace Clouds.Graph.Operators;

/// <summary>
/// clouds.Assign: cost [N, Q, T], valid [N, T] -> queries, targets, matched [N, T] (method.md section 2.2). Standard operators cannot express a
/// minimum-cost assignment, so it has no lowering.
/// </summary>
internal static class Assign
{
    public static readonly CloudsOperator Operator = new("Assign", ["cost", "valid"], ["queries", "targets", "matched"]) { StopsGradient = true };

    public static (Value Queries, Value Targets, Value Matched) Emit(GraphBuilder g, Value cost, Value valid)
    {
        GraphBuilder.Require(cost.Shape.Rank == 3 && valid.Shape.Equals([cost.Shape[0], cost.Shape[2]]), $"assignment by {cost} to {valid}");
        Shape shape = [cost.Shape[0], cost.Shape[2]];
        IReadOnlyList<Value> outputs = Operator.Emit(g, [cost, valid], [(ElementType.Int64, shape), (ElementType.Int64, shape), (ElementType.Float, shape)]);
        return (outputs[0], outputs[1], outputs[2]);
    }
}
