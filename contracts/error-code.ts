// The five-digit error codes of the API: HTTP status, and the sentence in both languages. `details` say what to change.

interface ErrorEntry {
  readonly status: number;
  readonly zh: string;
  readonly en: string;
}

export const ERROR_CODES = {
  40001: { status: 400, zh: '请求体不是有效的 JSON', en: 'The request body is not valid JSON' },
  40002: { status: 400, zh: '缺少必需字段', en: 'A required field is missing' },
  40003: { status: 400, zh: '字段类型错误', en: 'A field has the wrong type' },
  40004: { status: 400, zh: '参数值超出范围', en: 'A value is out of range' },
  40005: { status: 400, zh: '结构来源无效', en: 'The structure source is not valid' },
  40006: { status: 400, zh: '优先级无效', en: 'The priority is not valid' },
  40007: { status: 400, zh: '任务类型无效', en: 'The task type is not valid' },
  40008: { status: 400, zh: '未知模型', en: 'Unknown model' },
  40009: { status: 400, zh: '不支持的文件格式', en: 'The file format is not supported' },
  40010: { status: 400, zh: '文件过大', en: 'The file is too large' },
  40101: { status: 401, zh: '缺少认证信息', en: 'No credentials were given' },
  40102: { status: 401, zh: '认证方式必须是 Bearer', en: 'The authorization scheme must be Bearer' },
  40103: { status: 401, zh: 'API 密钥无效', en: 'The API key is not valid' },
  40104: { status: 401, zh: 'API 密钥已过期', en: 'The API key has expired' },
  40301: { status: 403, zh: '无权访问该资源', en: 'This belongs to somebody else' },
  40302: { status: 403, zh: 'API 密钥权限不足', en: 'The API key lacks the scope' },
  40303: { status: 403, zh: '不允许使用该模型', en: 'This model is not allowed' },
  40304: { status: 403, zh: '不允许取消该任务', en: 'This task may not be cancelled' },
  40305: { status: 403, zh: '禁止的操作', en: 'The operation is forbidden' },
  40401: { status: 404, zh: '任务不存在', en: 'There is no such task' },
  40402: { status: 404, zh: '结构文件不存在', en: 'There is no such structure file' },
  40403: { status: 404, zh: '模型不存在', en: 'There is no such model' },
  40404: { status: 404, zh: '结果不存在或任务尚未完成', en: 'There is no result, or the task has not finished' },
  40405: { status: 404, zh: '文件或路径不存在', en: 'There is no such file or path' },
  40406: { status: 404, zh: '内置结构不存在', en: 'There is no such built-in structure' },
  40501: { status: 405, zh: '不支持的请求方法', en: 'The path does not know this method' },
  40901: { status: 409, zh: '任务已在运行', en: 'The task is already running' },
  40902: { status: 409, zh: '任务已结束', en: 'The task has already ended' },
  40903: { status: 409, zh: '任务已取消', en: 'The task has already been cancelled' },
  40904: { status: 409, zh: '模型名称已存在', en: 'The model name exists already' },
  40905: { status: 409, zh: '文件正在使用', en: 'The file is in use' },
  42201: { status: 422, zh: '结构无效', en: 'The structure is not valid' },
  42202: { status: 422, zh: '原子数超过模型上限', en: 'Too many atoms for the model' },
  42203: { status: 422, zh: '模型不支持的元素', en: 'The model does not support these elements' },
  42204: { status: 422, zh: '几何结构错误（原子重叠）', en: 'The geometry is not possible (atoms overlap)' },
  42205: { status: 422, zh: '晶胞或周期性错误', en: 'The cell or its periodicity is not usable' },
  42206: { status: 422, zh: '模型文件无效', en: 'The model file is not valid' },
  42207: { status: 422, zh: '参数组合无效', en: 'These parameters do not go together' },
  42901: { status: 429, zh: '请求过于频繁', en: 'Too many requests' },
  42902: { status: 429, zh: '任务提交过于频繁', en: 'Too many submissions' },
  42903: { status: 429, zh: '文件上传过于频繁', en: 'Too many uploads' },
  50001: { status: 500, zh: '内部错误', en: 'Internal error' },
  50002: { status: 500, zh: '数据库错误', en: 'Database error' },
  50003: { status: 500, zh: '缓存错误', en: 'Cache error' },
  50004: { status: 500, zh: '文件系统错误', en: 'File system error' },
  50005: { status: 500, zh: '计算错误', en: 'The calculation failed' },
  50301: { status: 503, zh: '服务暂不可用', en: 'Not available at present' },
  50302: { status: 503, zh: '没有合适的 GPU', en: 'No GPU fits' },
  50303: { status: 503, zh: '队列已满', en: 'The queue is full' },
  50304: { status: 503, zh: '模型无法加载', en: 'The model cannot be loaded' },
} as const satisfies Record<number, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Every failure that a client of the service can see. `details` go to the client as they are: no paths, no stacks. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(ERROR_CODES[code].en, options);
    this.name = 'ServiceError';
    this.code = code;
    this.details = details;
  }
}
