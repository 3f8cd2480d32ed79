using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Optimiser steps of the whole head on recorded features, targets and draws.</summary>
internal sealed class TrainingModule : IGoldenModule
{
    private const string TextClassifier = "text";

    public string Name => "training";

    public bool Supports(GoldenCase golden, out string? why)
    {
        string classifier = golden.Config.Text("classifier", TextClassifier);
        why = classifier is "linear" or TextClassifier ? null : $"classifier {classifier}";
        return why is null;
    }

    public unsafe IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseConfig config = golden.Config;
        StepShape shape = Shape(config);
        bool isText = config.Text("classifier", TextClassifier) == TextClassifier;
        TextBank? bank = isText ? TextBank.Of(config.Ints("num_templates"), golden.Tensor("text_classifier").AsFloats()) : null;
        MaskFormer network = new(Network(config, isText ? ClassifierKind.Text : ClassifierKind.Linear), config.Int("num_classes"), text: bank);
        SourceGraph source = new(network, Criterion(config), shape);
        TrainingGraph graph = source.OnFeatures();
        using ParameterArena arena = new(graph.Trained.Select(p => (p.Name, p.Shape.Sizes, ParameterGroups.Of(p, network.Encoder))), gpu: device.Gpu);
        using GraphSession session = device.CreateSession(OnnxModel.Write(graph.Graph));
        CaseGraph weights = new(golden);
        foreach (Parameter parameter in graph.Trained)
        {
            weights.Weight(parameter).CopyTo(arena.Span(ArenaPart.Parameters, parameter.Name));
        }

        arena.Send();
        arena.BindTo(session, gradientName: TrainingGraph.GradientOf);
        TrainingRecord record = new(source.Criterion.Draws.Count, session, arena);
        using ArenaOptimizer optimizer = arena.CreateOptimizer();
        double[] betas = config.Doubles("betas");
        OptimizerSettings adamW = new(ClipMode.FullModel, config.Double("clip"), betas[0], betas[1], config.Double("eps"));
        (double rate, double decay) = (config.Double("lr"), config.Double("weight_decay"));
        GroupSetting[] groups = [new(rate, decay), new(rate, 0), new(rate, decay), new(rate, 0)];
        for (int step = 0; step < config.Int("steps"); step++)
        {
            Feed(golden, graph.Graph, source.Criterion, session, step);
            session.Run(cancellation);
            arena.ShareGradients(session);
            record.TakeGradients(step, config.Double("clip"));
            OptimizerStep result = optimizer.Step(adamW, groups, step + 1);
            arena.Fetch();
            record.TakeStep(step, result.GradientNorm);
        }

        return record.Outputs();
    }

    private static void Feed(GoldenCase golden, GraphBuilder graph, CriterionPorts ports, GraphSession session, int step)
    {
        string[] sets = [.. Enumerable.Range(0, ports.Draws.Count - 1).Select(i => $"aux.{i}"), "main"];
        RecordedTargets targets = new(golden, $"step{step}.", golden.Config.Ints("n_targets"), golden.Config.Int("num_queries"));
        foreach (Value value in graph.Inputs)
        {
            GraphRun.Feed(session, value, targets.Feed(value.Name, ports, sets) ?? golden.Tensor($"step{step}.{value.Name}"));
        }
    }

    private static StepShape Shape(CaseConfig config)
    {
        int[] target = config.Ints("target");
        return new StepShape(config.Int("batch"), target[0], target[1], Math.Max(1, config.Ints("n_targets").Max()))
        {
            FeatureSizes = [.. config.IntRows("sizes").Select(size => ((long)size[0], (long)size[1]))],
        };
    }

    private static CriterionConfig Criterion(CaseConfig config) => new()
    {
        Points = config.Int("num_points"),
        Oversampling = config.Double("oversample_ratio"),
        UncertainShare = config.Double("importance_sample_ratio"),
        ClassWeight = config.Doubles("cost")[0],
        MaskWeight = config.Doubles("cost")[1],
        DiceWeight = config.Doubles("cost")[2],
        NoObjectWeight = config.Double("eos_coef"),
    };

    private static MaskFormerConfig Network(CaseConfig config, ClassifierKind classifier) => new()
    {
        Classifier = classifier,
        Encoder = new ConvNeXtConfig { Widths = config.Ints("in_channels") },
        PixelDecoder = PixelDecoderModule.Config(config),
        TransformerDecoder = new TransformerDecoderConfig
        {
            Width = config.Int("hidden_dim"),
            MaskWidth = config.Int("mask_dim"),
            Queries = config.Int("num_queries"),
            Layers = config.Int("dec_layers"),
            Heads = config.Int("nheads"),
            FeedForward = config.Int("dec_ffn"),
        },
    };
}
