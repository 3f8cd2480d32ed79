using Clouds.Cli.Method;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Cli.Method;

/// <summary>Results that nobody had: of every arm of a plan on every test set.</summary>
internal static class MadeResult
{
    /// <summary>One whose mIoU, and IoU of its one class, a function tells.</summary>
    public static MethodResult Of(MethodPlan plan, Func<MethodArm, MethodTest, double> score)
    {
        MethodTest[] tests = [.. plan.Tests().Select(style => new MethodTest(style.Name, style.Group, plan.TestScenes, Only("road", 100)))];
        return new MethodResult
        {
            Plan = plan,
            Models = new Dictionary<string, string> { ["clip"] = "ab", ["sam"] = "cd", ["diffusion"] = "ef", ["llm"] = "01" },
            Tests = tests,
            Arms = [.. plan.Arms.Select(arm => new MethodScores(arm, plan.SourceSteps, 1.5, [.. tests.Select(test => Score(score(arm, test)))]))],
        };
    }

    private static MethodScore Score(double iou) => new(iou, 90, Only("road", iou));

    private static Dictionary<string, double> Only(string name, double value) => new() { [name] = value };
}
