// The schemas that readers of the OpenAPI document find under a name of their own. Bodies and answers of single operations are
// named after the operation.
import type { z } from 'zod';
import { alertRuleSchema, alertSchema } from '../../../../contracts/alert.ts';
import { apiKeySchema, auditEntrySchema } from '../../../../contracts/api-key.ts';
import {
  campaignRowSchema,
  campaignSchema,
  campaignScoreSchema,
  campaignTaskSchema,
} from '../../../../contracts/campaign.ts';
import { errorResponseSchema } from '../../../../contracts/envelope.ts';
import { serviceEventSchema, taskEventSchema } from '../../../../contracts/event.ts';
import { logLineSchema } from '../../../../contracts/log.ts';
import { modelSchema } from '../../../../contracts/model.ts';
import {
  builtinStructureSchema,
  storedStructureSchema,
  structureGeometrySchema,
  structureSchema,
  structureSourceSchema,
  structureSummarySchema,
  uploadedStructureSchema,
} from '../../../../contracts/structure.ts';
import { gpuSchema, queueStateSchema } from '../../../../contracts/system.ts';
import {
  paginationSchema,
  submissionReceiptSchema,
  taskFilesSchema,
  taskErrorSchema,
  taskFileSchema,
  taskMetricsSchema,
  taskSchema,
} from '../../../../contracts/task.ts';
import { taskStatusSchema } from '../../../../contracts/task-status.ts';
import { TASK_TYPES, taskTypeSchema } from '../../../../contracts/task-types.ts';
import { webhookBodySchema, webhookDeliverySchema } from '../../../../contracts/webhook.ts';
import { pascalCase } from './pascal-case.ts';

/** Of every task type: `BulkModulusParameters`, `BulkModulusResult`. */
function schemasOfTaskTypes(): Record<string, z.ZodType> {
  const schemas: Record<string, z.ZodType> = {};
  for (const [task_type, { parameters, result }] of Object.entries(TASK_TYPES)) {
    schemas[`${pascalCase(task_type)}Parameters`] = parameters;
    schemas[`${pascalCase(task_type)}Result`] = result;
  }
  return schemas;
}

export const NAMED_SCHEMAS = {
  ...schemasOfTaskTypes(),
  Alert: alertSchema,
  AlertRule: alertRuleSchema,
  ApiKey: apiKeySchema,
  AuditEntry: auditEntrySchema,
  BuiltinStructure: builtinStructureSchema,
  Campaign: campaignSchema,
  CampaignRow: campaignRowSchema,
  CampaignScore: campaignScoreSchema,
  CampaignTask: campaignTaskSchema,
  Error: errorResponseSchema,
  Gpu: gpuSchema,
  LogLine: logLineSchema,
  Model: modelSchema,
  Pagination: paginationSchema,
  QueueState: queueStateSchema,
  ServiceEvent: serviceEventSchema,
  StoredStructure: storedStructureSchema,
  Structure: structureSchema,
  StructureGeometry: structureGeometrySchema,
  StructureSource: structureSourceSchema,
  StructureSummary: structureSummarySchema,
  SubmissionReceipt: submissionReceiptSchema,
  Task: taskSchema,
  TaskFiles: taskFilesSchema,
  TaskError: taskErrorSchema,
  TaskEvent: taskEventSchema,
  TaskFile: taskFileSchema,
  TaskMetrics: taskMetricsSchema,
  TaskStatus: taskStatusSchema,
  TaskType: taskTypeSchema,
  UploadedStructure: uploadedStructureSchema,
  WebhookBody: webhookBodySchema,
  WebhookDelivery: webhookDeliverySchema,
};
